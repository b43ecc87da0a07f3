// 服务台：查找框总在手边；新凭证随即打印；摄像头扫码。没有脚本时，查找、办理、选择照片都照常。
(function () {
  var q = document.getElementById('q');
  if (q) {
    var wrong = document.querySelector(['input', 'form input.form-control', '.acts-row input.form-control']
      .map(function (field) { return '.deputy .error ~ ' + field; }).join(', '));
    (wrong || q).focus();
    (wrong || q).select(); // 再打字或再扫一张，就换成新的
    document.addEventListener('keydown', function (event) {
      var at = document.activeElement;
      var typing = at && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
      if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey && !typing) {
        if (event.key === ' ' && at && /^(BUTTON|SUMMARY|A)$/.test(at.tagName)) return;
        q.focus();
        q.select();
      }
    });
  }
  var open = document.querySelector('tr.open');
  var list = open && open.closest('.table-wrap');
  if (list) list.scrollTop = open.offsetTop - list.clientHeight / 2;
  function sendOnce(form, parameter) { // 刷新时不再打印、不再办理
    if (!form) return;
    var here = new URL(location.href);
    here.searchParams.delete(parameter);
    history.replaceState(null, '', here);
    form.submit();
  }
  sendOnce(document.querySelector('[data-print]'), 'print');
  var asked = document.querySelector('[data-consent]');
  if (asked && window.fetch) setInterval(function () { // 监票人答复后，本页换成答复；同意的，随即办理
    fetch(asked.dataset.consent, { credentials: 'same-origin', cache: 'no-store' })
      .then(function (answer) { return answer.json(); })
      .then(function (now) { if (now.state !== 'asked') location.reload(); }).catch(function () {});
  }, 2000);
  sendOnce(document.querySelector('[data-go]'), 'consent');
  var all = document.getElementById('all');
  if (all) {
    all.hidden = false;
    all.querySelector('input').addEventListener('change', function () {
      document.querySelectorAll('[data-absent]').forEach(function (box) { box.checked = this.checked; }, this);
    });
  }
  var picture = document.getElementById('picture');
  if (picture) picture.addEventListener('change', function () { if (picture.files.length) picture.form.submit(); });

  var on = document.getElementById('camera-on');
  var box = document.getElementById('camera');
  if (!on || !box) return;
  var video = box.querySelector('video');
  var note = box.querySelector('[role=status]');
  var find = document.getElementById('find');
  var stream = null, timer = null, asking = false;
  on.hidden = false;

  function say(words) { note.textContent = words; }

  // 同一张凭证还举在镜头前时不反复打开。只记一个短短的校验数，不记凭证内容。
  function short(text) {
    var sum = 2166136261;
    for (var i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 16777619);
    return String(sum >>> 0);
  }
  function found(text) {
    if (!text || !stream) return;
    var mark = short(text.replace(/^.*\/c\//, '')), at = Date.now();
    var again = sessionStorage.getItem('scanned') === mark && at - sessionStorage.getItem('scanned-at') < 5000;
    sessionStorage.setItem('scanned', mark);
    sessionStorage.setItem('scanned-at', at);
    if (again) return;
    say('已扫到，正在打开…');
    clearInterval(timer);
    q.value = text;
    find.submit();
  }

  function byServer() {
    if (asking || !video.videoWidth) return;
    asking = true;
    var scale = Math.min(1, 960 / video.videoWidth), canvas = document.createElement('canvas');
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(function (blob) {
      var form = new FormData();
      form.append('csrf_token', find.elements.csrf_token.value);
      form.append('picture', blob, 'frame.jpg');
      var headers = { Accept: 'application/json' };
      fetch(box.dataset.scan, { method: 'POST', body: form, credentials: 'same-origin', headers: headers })
        .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
        .then(function (answer) { asking = false; found(answer.text); })
        .catch(function () { asking = false; say('暂时不能识别，正在重试。也可以输入姓名或证号。'); });
    }, 'image/jpeg', 0.8);
  }

  function begin() {
    box.hidden = false;
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      say('当前地址不是 https，浏览器不允许使用摄像头。请用“选择照片”，或使用扫码枪。');
      return;
    }
    var wish = { video: { facingMode: 'environment', width: { ideal: 1280 } } };
    navigator.mediaDevices.getUserMedia(wish).then(function (given) {
      stream = given;
      video.srcObject = given;
      sessionStorage.setItem('camera', '1');
      sessionStorage.setItem('scanned-at', Date.now()); // 页面打开得慢，也不把还举着的凭证当成新的
      say('请把凭证上的二维码对准镜头。');
      if (window.BarcodeDetector) {
        BarcodeDetector.getSupportedFormats().then(function (formats) {
          if (formats.indexOf('qr_code') < 0) throw new Error('no QR');
          var reader = new BarcodeDetector({ formats: ['qr_code'] });
          timer = setInterval(function () {
            if (asking || !video.videoWidth) return;
            asking = true;
            reader.detect(video)
              .then(function (codes) { asking = false; if (codes.length) found(codes[0].rawValue); })
              .catch(function () { asking = false; });
          }, 300);
        }).catch(function () { timer = setInterval(byServer, 1000); });
      } else timer = setInterval(byServer, 1000);
    }).catch(function (error) {
      sessionStorage.removeItem('camera');
      say(error.name === 'NotAllowedError' ? '没有得到使用摄像头的许可。请在浏览器地址栏左侧允许使用摄像头，或用“选择照片”。'
        : error.name === 'NotFoundError' ? '这台电脑没有摄像头。请用“选择照片”，或使用扫码枪。' : '摄像头打不开，可能正被别的软件使用。请用“选择照片”，或使用扫码枪。');
    });
  }
  function end() {
    clearInterval(timer);
    sessionStorage.removeItem('camera');
    sessionStorage.removeItem('scanned');
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    box.hidden = true;
  }
  on.addEventListener('click', begin);
  document.getElementById('camera-off').addEventListener('click', end);
  if (sessionStorage.getItem('camera')) begin();
})();
