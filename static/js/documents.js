// 下载全部文书：一份一份地生成，边生成边说进度，最后打包；没有脚本时由一次请求全部完成。
(function () {
  var form = document.getElementById('make-all');
  var note = document.getElementById('progress');
  var bar = document.getElementById('progress-bar');
  var words = document.getElementById('progress-words');
  if (!form || !window.fetch || !window.crypto || !crypto.getRandomValues) return;
  function job() {
    var bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.prototype.map.call(bytes, function (b) { return ('0' + b.toString(16)).slice(-2); }).join('');
  }
  form.addEventListener('submit', function (event) {
    event.preventDefault();
    var parts = form.dataset.parts.split(' ');
    var names = form.dataset.names.split('|');
    var button = form.querySelector('button');
    var name = job();
    var done = 0;
    button.disabled = true;
    note.hidden = false;
    function ask(part) {
      var data = new FormData(form);
      data.append('job', name);
      if (part) data.append('part', part);
      return fetch(form.action, { method: 'POST', body: data, credentials: 'same-origin' }).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer;
      });
    }
    function say(text) { bar.value = done; words.textContent = text; }
    function failed() {
      say((done < parts.length ? '“' + names[done] + '”没有生成' : '没有打包成功') + '，没有下载任何文件。请再点一次，或者单独下载各份文书。');
      button.disabled = false;
    }
    function next() {
      if (done < parts.length) {
        say('正在生成第 ' + (done + 1) + ' 份，共 ' + parts.length + ' 份：' + names[done]);
        return ask(parts[done]).then(function () { done += 1; return next(); });
      }
      say('正在打包…');
      return ask('').then(function (answer) {
        var given = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get('Content-Disposition') || '');
        return answer.blob().then(function (blob) {
          var link = document.createElement('a');
          link.href = URL.createObjectURL(blob);
          link.download = given ? decodeURIComponent(given[1]) : '文书.zip';
          link.click();
          setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
          done += 1;
          say('已生成 ' + parts.length + ' 份文书，请在下载文件夹中打开。');
          button.disabled = false;
        });
      });
    }
    next().catch(failed);
  });
})();
