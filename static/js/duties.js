// 登记出席情况：随时合计应到、出席、请假、缺席、发言；没有脚本时照样可以保存。
(function () {
  var form = document.getElementById('marks');
  var out = document.getElementById('marks-sum');
  if (!form || !out) return;
  function count(selector) { return form.querySelectorAll(selector).length; }
  function say() {
    var present = count('input[value=present]:checked');
    var leave = count('input[value=leave]:checked');
    var absent = count('input[value=absent]:checked');
    out.textContent = '应到 ' + (present + leave + absent) + ' 人：出席 ' + present + '，请假 ' + leave + '，缺席 ' + absent +
      '；发言 ' + count('input[type=checkbox]:checked') + ' 人';
  }
  form.addEventListener('change', function (event) {
    // 勾了发言，就是出席
    var at = event.target;
    if (at.type === 'checkbox' && at.checked) {
      var there = at.closest('tr').querySelector('input[value=present]');
      var away = at.closest('tr').querySelector('input[value=leave]:checked, input[value=absent]:checked');
      if (there && !away) there.checked = true;
    }
    say();
  });
  say();
})();
