// 录入纸质票：回车即存，不重新打开网页。每张票单独发送，收到确认才算录入；没有脚本时就是普通表单。
(function () {
  var form = document.getElementById('key');
  if (!form || !window.fetch || !window.FormData) return;
  var typed = form.elements.typed, place = form.elements.position, said = document.getElementById('said');
  var queue = [], busy = false;
  typed.focus(); // autofocus 要等页面画出来，此前敲的字会丢
  function say(words) { said.textContent = words; typed.classList.toggle('is-invalid', !!words); }
  function show(now) {
    place.value = now.done + 1;
    document.getElementById('bar').value = now.done;
    var at = document.getElementById('at');
    at.textContent = '第 ';
    var number = document.createElement('b'), of = document.createElement('small');
    number.textContent = now.done + 1; of.textContent = '共 ' + now.papers + ' 张';
    at.appendChild(number); at.appendChild(document.createTextNode(' 张 ')); at.appendChild(of);
    var list = document.getElementById('last');
    list.textContent = '';
    now.last.forEach(function (paper) {
      var line = document.createElement('li');
      line.value = paper[0];
      line.textContent = paper[1];
      list.appendChild(line);
    });
    document.getElementById('undo').hidden = !now.done;
  }
  function back(line, words) {
    // 后面已经敲入的还没有发出，一并退回，从出错的这张接着录
    queue = [];
    busy = false;
    typed.value = line;
    say(words);
    typed.focus();
    typed.select();
  }
  function next() {
    if (busy || !queue.length) return;
    busy = true;
    var line = queue[0], data = new FormData(form);
    data.set('typed', line);
    var headers = { Accept: 'application/json' };
    fetch(location.href, { method: 'POST', body: data, credentials: 'same-origin', headers: headers })
        .then(function (answer) {
      return answer.json().then(function (now) {
        if (answer.status === 409) { location.reload(); return; } // 别处已经录入，重新看一遍
        if (!answer.ok) { back(line, now.error || '没有录入，请再试。'); return; }
        queue.shift();
        busy = false;
        show(now);
        if (now.done >= now.papers) { location.reload(); return; }
        next();
      });
    }).catch(function () { back(line, '没有收到确认，这一张可能没有录入。请按回车再试；已经录入的不会重复。'); });
  }
  form.addEventListener('submit', function (event) {
    event.preventDefault();
    var line = typed.value.trim();
    if (!line) { say('没有输入内容。空白票请输入 0，废票请输入 / 和原因编号。'); return; }
    say('');
    typed.value = '';
    queue.push(line);
    next();
  });
})();
