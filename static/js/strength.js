// Under a new password: how strong it looks while it is typed. Nothing is sent; the server judges again, with lists.
(function () {
  var line = document.getElementById("strength"), box = document.getElementById(line.getAttribute("data-for"));
  var least = +line.getAttribute("data-least"), username = line.getAttribute("data-username").toLowerCase();
  var meter = line.querySelector("meter"), words = line.querySelector("span");
  var patterns = new RegExp([
    "(.)\\1{2,}", "(?:19|20)\\d\\d(?:[01]?\\d[0-3]?\\d)?", "1[3-9]\\d{9}", "qwert\\w*", "asdf\\w*", "zxcv\\w*",
    "1qaz\\w*",
    "(?:0?123456789?0?|12345?|abcd?e?f?|147258\\d*|987654\\d*)", "p[a@]ssw[o0]rd", "woaini", "520|1314|admin|root|mima"
  ].join("|"), "gi");

  // Characters that are worth counting: each part that is tried first counts as one.
  function worth(text) { return text.replace(patterns, "x").length; }

  function show() {
    var text = box.value, left = least - text.length, level = 0, said;
    if (!text) { line.hidden = true; return; }
    if (left > 0) { said = "还差 " + left + " 位"; }
    else if (username && text.toLowerCase().indexOf(username) >= 0) { level = 1; said = "不能包含用户名"; }
    else {
      level = worth(text) < least * 0.6 ? 1 : worth(text) < least ? 2 : worth(text) < least + 4 ? 3 : 4;
      said = ["", "太容易猜到", "较弱", "可以", "很好"][level];
    }
    line.hidden = false;
    meter.value = level;
    words.textContent = "密码强度：" + said;
  }
  box.addEventListener("input", show);
})();
