addEventListener('submit',function(e){if(e.defaultPrevented)return;
var f=e.target,t=Date.now();if(t-f.pressed<3000)e.preventDefault();else f.pressed=t});
addEventListener('pageshow',function(e){if(e.persisted)[].forEach.call(document.forms,function(f){f.pressed=0})});
