// Niceties only: every page is complete without this file. ES5, for old embedded browsers.
(function () {
  "use strict";
  document.documentElement.className += " js";

  function each(selector, act) {
    var found = document.querySelectorAll(selector);
    for (var i = 0; i < found.length; i++) { act(found[i]); }
  }

  function say(button, words) {
    var label = button.querySelector("span");
    var before = label.textContent;
    label.textContent = words;
    button.className += " done";
    setTimeout(function () {
      label.textContent = before;
      button.className = button.className.replace(" done", "");
    }, 1600);
  }

  function textOf(id) {
    var element = document.getElementById(id);
    var items = element.querySelectorAll("li");
    if (!items.length) { return element.textContent; }
    return Array.prototype.map.call(items, function (item) { return item.textContent; }).join("\n");
  }

  function copy(button) {
    var id = button.getAttribute("data-copy-text");
    var text = id ? textOf(id) : button.getAttribute("data-copy");
    navigator.clipboard.writeText(text).then(
      function () { say(button, "Copied"); },
      function () { button.hidden = true; }
    );
  }

  // The clipboard exists only on secure origins: elsewhere the buttons stay hidden.
  if (navigator.clipboard) {
    each("[data-copy], [data-copy-text]", function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { copy(button); });
    });
  }

  each("[data-reveal]", function (button) {
    var input = document.getElementById(button.getAttribute("data-reveal"));
    button.hidden = false;
    button.addEventListener("click", function () {
      var show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      input.focus();
    });
    input.form.addEventListener("submit", function () { input.type = "password"; });
  });

  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  each("[data-dismiss]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      button.parentNode.parentNode.removeChild(button.parentNode);
    });
  });

  // A form is sent once, however often people press.
  each("form[method=post]", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
      form.setAttribute("data-sent", "true");
    });
  });
  // A page that comes back from the browser's memory can be sent again.
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) { form.removeAttribute("data-sent"); });
  });
})();
