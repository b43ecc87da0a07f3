var left=0;addEventListener('beforeunload',function(){left=Date.now()});
function again(){if(Date.now()-left>15000)location.reload()}
