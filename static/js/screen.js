// 大屏每两秒问一次服务器：数字就地更新，换画面时取来新页面换上；取不到就保留最后的画面，并说明自何时起。
(function () {
  var stale = document.getElementById('stale');
  var last = new Date(), busy = false;
  function main() { return document.getElementById('screen'); }
  function set(key, value) {
    document.querySelectorAll('[data-key="' + key + '"]').forEach(function (e) {
      e.textContent = value === null || value === undefined ? '—' : value;
    });
  }
  function clock(d) {
    return [d.getHours(), d.getMinutes(), d.getSeconds()].map(function (n) { return ('0' + n).slice(-2); }).join(':');
  }
  function good(r) { if (!r.ok) throw new Error(r.status); return r; }
  function figures(s) {
    ['roster', 'present', 'leave', 'issued', 'returned', 'quorum', 'hall_code'].forEach(function (key) {
      if (key in s) set(key, s[key]);
    });
    (s.ballots || []).forEach(function (b) {
      set('issued-' + b.id, b.issued);
      set('returned-' + b.id, b.returned);
      set('papers-' + b.id, b.papers);
      var ring = document.querySelector('[data-ring="' + b.id + '"]');
      if (ring) ring.setAttribute('stroke-dasharray', Math.floor(1000 * b.crossed / Math.max(b.issued, 1)) + ' 1000');
    });
    var bar = document.getElementById('bar'), line = document.getElementById('line');
    if (bar) {
      bar.setAttribute('width', Math.floor(1000 * s.present / Math.max(s.roster, 1)));
      line.setAttribute('x', Math.floor(1000 * s.quorum / Math.max(s.roster, 1)));
      document.getElementById('quorum-word').textContent =
          s.present >= s.quorum ? '已达到' : '还差 ' + (s.quorum - s.present) + ' 人';
    }
  }
  function change() {
    return fetch(location.href, { cache: 'no-store' }).then(good)
        .then(function (r) { return r.text(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('screen');
      if (fresh) main().parentNode.replaceChild(document.importNode(fresh, true), main());
    });
  }
  function ask() {
    if (busy) return;
    busy = true;
    var given = setTimeout(function () { busy = false; }, 15000); // 一次没有回音，不挡住后面的
    fetch(main().dataset.state, { cache: 'no-store' }).then(good)
        .then(function (r) { return r.json(); }).then(function (s) {
      if (s.stamp !== main().dataset.stamp) return change();
      figures(s);
    }).then(function () {
      last = new Date();
      stale.hidden = true;
    }).catch(function () {
      stale.hidden = false;
      stale.textContent = '网络中断，显示的是 ' + clock(last) + ' 的情况，正在重新连接';
    }).then(function () { busy = false; clearTimeout(given); });
  }
  setInterval(ask, 2000);
})();
