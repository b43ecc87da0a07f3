// 打印全部：一批一批地取，边取边说进度；没有脚本时就是一个普通的按钮，一次取完。
(function () {
  if (!window.fetch) return;
  Array.prototype.forEach.call(document.querySelectorAll('[data-batch]'), function (batch) {
    var all = batch.querySelector('[data-all]');
    var note = batch.querySelector('[data-progress]');
    var forms = Array.prototype.slice.call(batch.querySelectorAll('form[data-part]'));
    if (!all || +all.dataset.parts < 2) return;
    all.querySelector('form').addEventListener('submit', function (event) {
      event.preventDefault();
      var done = 0;
      var button = all.querySelector('button');
      button.disabled = true;
      note.hidden = false;
      function say(words) { note.textContent = words; }
      function next() {
        if (done === forms.length) {
          button.disabled = false;
          say('已生成全部 ' + forms.length + ' 批，请在下载文件夹中打开并打印。');
          return;
        }
        say('正在生成凭证：第 ' + (done + 1) + ' 批，共 ' + forms.length + ' 批…');
        var asked = { method: 'POST', body: new FormData(forms[done]), credentials: 'same-origin' };
        fetch(forms[done].action, asked).then(function (answer) {
          if (!answer.ok) throw new Error(answer.status);
          return answer.blob();
        }).then(function (blob) {
          var link = document.createElement('a');
          link.href = URL.createObjectURL(blob);
          link.download = '票决凭证-第' + (done + 1) + '批.pdf';
          link.click();
          setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
          done += 1;
          next();
        }).catch(function () {
          button.disabled = false;
          say('第 ' + (done + 1) + ' 批没有生成，前面的批次已下载。请在“按代表团、分批打印”中单独下载这一批；超过十分钟的须补发。');
        });
      }
      next();
    });
  });
})();
