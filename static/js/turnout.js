// 投票进行时，每两秒更新一次发出、收回；没有脚本时刷新页面即可。
(function () {
  var box = document.querySelector('[data-live]');
  if (!box || !window.fetch) return;
  var left = 0; // 已经按下按钮、正在等下一页时，不刷新本页，免得抢在它前面
  window.addEventListener('beforeunload', function () { left = Date.now(); });
  setInterval(function () {
    fetch(box.dataset.live, { credentials: 'same-origin' }).then(function (r) { return r.json(); })
        .then(function (now) {
      if (now.state !== 'opened') { if (Date.now() - left > 15000) location.reload(); return; }
      ['issued', 'returned', 'papers'].forEach(function (key) {
        var e = box.querySelector('[data-key=' + key + ']');
        if (e) e.textContent = now[key];
      });
    }).catch(function () {});
  }, 2000);
})();
