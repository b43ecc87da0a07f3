// The head of public pages: on a narrow screen its links fold behind 菜单; without script they stand open.
(function () {
  var menu = document.getElementById("more"), narrow = window.matchMedia("(max-width: 720px)");
  function fold() { menu.open = !narrow.matches; }
  narrow.addListener(fold); // addEventListener is missing on phones of 2019
  fold();
})();
