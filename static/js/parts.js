// 打印全部：一批一批地取，边取边说进度；没有脚本时就是一个普通的下载链接。
(function () {
  var all = document.getElementById('print-all');
  var note = document.getElementById('progress');
  if (!all || !window.fetch || +all.dataset.parts < 2) return;
  all.addEventListener('click', function (event) {
    event.preventDefault();
    var links = Array.prototype.slice.call(document.querySelectorAll('[data-part]'));
    var done = 0;
    note.hidden = false;
    function say() { note.textContent = '正在生成凭证：第 ' + Math.min(done + 1, links.length) + ' 批，共 ' + links.length
        + ' 批…'; }
    function next() {
      if (done === links.length) { note.textContent = '已生成全部 ' + links.length + ' 批，请在下载文件夹中打开并打印。'; return; }
      say();
      fetch(links[done].href, { credentials: 'same-origin' }).then(function (answer) {
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
      }).catch(function () { note.textContent = '第 ' + (done + 1) + ' 批没有生成，前面的批次已下载。请在“按代表团、分批打印”中单独下载这一批。'; });
    }
    next();
  });
})();
