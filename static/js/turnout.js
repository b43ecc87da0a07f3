// 投票进行时，每两秒更新一次发出、收回；没有脚本时刷新页面即可。
(function () {
  var box = document.querySelector('[data-live]');
  if (!box || !window.fetch) return;
  setInterval(function () {
    fetch(box.dataset.live, { credentials: 'same-origin' }).then(function (r) { return r.json(); }).then(function (now) {
      if (now.state !== 'opened') { location.reload(); return; }
      ['issued', 'returned'].forEach(function (key) { box.querySelector('[data-key=' + key + ']').textContent = now[key]; });
    }).catch(function () {});
  }, 2000);
})();
