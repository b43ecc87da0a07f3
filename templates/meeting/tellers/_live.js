(function(){var box=document.querySelector('[data-live]');if(!box||!window.XMLHttpRequest)return;
setInterval(function(){var x=new XMLHttpRequest();x.open('GET',box.getAttribute('data-live'));x.timeout=8000;
x.onload=function(){if(x.status!==200)return;var s=JSON.parse(x.responseText);
if(s.state!==box.getAttribute('data-state')||s.waiting!==box.getAttribute('data-waiting')||
''+s.reports!==box.getAttribute('data-reports')){
{# not while a reason is being typed #}if(!/INPUT|TEXTAREA/.test(document.activeElement.tagName))again();return}
[].forEach.call(box.querySelectorAll('[data-key]'),function(e){var v=s[e.getAttribute('data-key')];
if(v!==undefined&&v!==null)e.textContent=v})};x.send()},3000)})();
