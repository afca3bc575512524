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

  // What a new password is worth, in a word and why. The server has the last word: it knows what leaked.
  function judge(text, minimum, names) {
    var characters = text.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, "_");
    var lower = text.toLowerCase(), different = {}, steps = 0, i;
    for (i = 0; i < characters.length; i++) {
      different[characters.charAt(i)] = true;
      // The next key, the next letter or digit, or the same again.
      if (i && Math.abs(characters.charCodeAt(i) - characters.charCodeAt(i - 1)) < 2) { steps++; }
    }
    var lacking = minimum - characters.length;
    if (lacking > 0) { return ["weak", lacking + (lacking === 1 ? " character" : " characters") + " to go."]; }
    for (i = 0; i < names.length; i++) {
      if (names[i].length > 3 && lower.indexOf(names[i]) >= 0) {
        return ["weak", "Weak: your address is the first thing that is tried."];
      }
    }
    if (Object.keys(different).length < 6) { return ["weak", "Weak: too few different characters."]; }
    if (steps * 2 > characters.length) { return ["weak", "Weak: it is a row of neighbours."]; }
    if (lacking > -4) { return ["fair", "Fair. A longer one is better."]; }
    return ["strong", "Strong."];
  }

  each("[data-meter]", function (meter) {
    var input = document.getElementById(meter.getAttribute("data-meter"));
    var address = input.form.querySelector("[autocomplete=username]");
    var names = address ? address.value.toLowerCase().split(/[^a-z0-9]+/) : [];
    var minimum = Number(meter.getAttribute("data-minimum"));
    input.addEventListener("input", function () {
      var verdict = judge(input.value, minimum, names);
      meter.hidden = !input.value;
      meter.setAttribute("data-level", verdict[0]);
      if (meter.textContent !== verdict[1]) { meter.textContent = verdict[1]; }
    });
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
