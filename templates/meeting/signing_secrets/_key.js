{# The key of a teller's phone: made by the browser, kept in IndexedDB, never readable, not even by this page. #}
var able=!!(window.isSecureContext&&window.crypto&&crypto.subtle&&window.indexedDB&&window.TextEncoder);
function hex(bytes){return [].map.call(new Uint8Array(bytes),
function(b){return ('0'+b.toString(16)).slice(-2)}).join('')}
function keys(mode,act){return new Promise(function(yes,no){var r=indexedDB.open('minsheng-teller',1);
r.onupgradeneeded=function(){r.result.createObjectStore('keys')};r.onerror=no;
r.onsuccess=function(){var t=r.result.transaction('keys',mode),q=act(t.objectStore('keys'));
t.oncomplete=function(){yes(q.result)};t.onerror=no}})}
function held(slot){return keys('readonly',function(s){return s.get(slot)})}
function signed(slot,message){return held(slot).then(function(k){if(!k)throw 0;
return crypto.subtle.sign({name:'ECDSA',hash:'SHA-256'},k.key,new TextEncoder().encode(message))}).then(hex)}
function each(list,act){[].forEach.call(document.querySelectorAll(list),act)}
{# as layouts/_once.js, which leaves alone what a script sends #}
function twice(form){var t=Date.now(),again=t-form.pressed<3000;if(!again)form.pressed=t;return again}
function tell(form){form.pressed=0;var p=form.querySelector('.err')||
form.insertBefore(document.createElement('p'),form.lastElementChild);
p.className='err';p.setAttribute('role','alert');p.textContent='这部手机上没有您的签字密钥，不能签字。请用设定密钥的那部手机和浏览器。'}
each('form[data-sign]',function(f){f.addEventListener('submit',function(e){e.preventDefault();if(twice(f))return;
if(!able)return tell(f);var m=f.getAttribute('data-sign'),c=f.querySelector('[name=code]');
if(c)m=m.replace('CODE',c.value.replace(/[\s-]/g,'').toUpperCase());
signed(f.getAttribute('data-slot'),m).then(function(s){
f.querySelector('[name=signature]').value=s;f.submit()},function(){tell(f)})})});
