// 大屏每两秒问一次服务器：数字就地更新，换环节时整页重新打开；断网时保留最后的画面并说明自何时起。
(function () {
  var main = document.getElementById('screen');
  var stale = document.getElementById('stale');
  var last = new Date();
  function set(key, value) {
    document.querySelectorAll('[data-key="' + key + '"]').forEach(function (e) { e.textContent = value === null || value === undefined ? '—' : value; });
  }
  function clock(d) { return ('0' + d.getHours()).slice(-2) + ':' + ('0' + d.getMinutes()).slice(-2) + ':' + ('0' + d.getSeconds()).slice(-2); }
  function ask() {
    fetch(main.dataset.state, { cache: 'no-store' }).then(function (r) { if (!r.ok) throw new Error(r.status); return r.json(); }).then(function (s) {
      last = new Date();
      stale.hidden = true;
      if (s.view !== main.dataset.view || s.title !== main.dataset.title) { location.reload(); return; }
      ['roster', 'present', 'leave', 'issued', 'returned', 'quorum', 'hall_code'].forEach(function (key) { if (key in s) set(key, s[key]); });
      var ring = document.getElementById('ring');
      if (ring) ring.setAttribute('stroke-dasharray', Math.floor(1000 * s.returned / Math.max(s.issued, 1)) + ' 1000');
      var bar = document.getElementById('bar');
      if (bar) {
        bar.setAttribute('width', Math.floor(1000 * s.present / Math.max(s.roster, 1)));
        document.getElementById('quorum-word').textContent = s.present >= s.quorum ? '已达到' : '还差 ' + (s.quorum - s.present) + ' 人';
      }
    }).catch(function () {
      stale.hidden = false;
      stale.textContent = '网络中断，显示的是 ' + clock(last) + ' 的情况，正在重新连接';
    });
  }
  setInterval(ask, 2000);
})();
