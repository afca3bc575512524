// Passkeys: asks the browser's authenticators and sends what they answer in a form. Pages are
// complete without this file: the forms stay hidden, and what stands in for them is shown. ES5.
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) { return; }

  var waiting = null;

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function question(form) {
    var asked = JSON.parse(form.getAttribute("data-passkey"));
    asked.challenge = bytes(asked.challenge);
    if (asked.user) { asked.user.id = bytes(asked.user.id); }
    (asked.allowCredentials || []).concat(asked.excludeCredentials || []).forEach(function (known) {
      known.id = bytes(known.id);
    });
    return asked;
  }

  function answer(credential) {
    var given = credential.response;
    var response = { clientDataJSON: text(given.clientDataJSON) };
    if (given.attestationObject) {
      response.attestationObject = text(given.attestationObject);
    } else {
      response.authenticatorData = text(given.authenticatorData);
      response.signature = text(given.signature);
      response.userHandle = given.userHandle ? text(given.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type,
      clientExtensionResults: {}, response: response
    });
  }

  function send(form, credential) {
    form.elements.answer.value = answer(credential);
    // What was ticked in the form beside it holds for this one, too.
    var said = form.querySelector("[data-as-ticked]");
    if (said && document.querySelector("[name=remember]:checked")) { said.value = "yes"; }
    form.submit();
  }

  function trouble(form, shown) {
    form.removeAttribute("data-sent");
    form.querySelector("[data-passkey-trouble]").hidden = !shown;
  }

  // One question at a time: a new one ends the one that waits in the list of a field.
  function ask(form, mediation) {
    if (waiting) { waiting.abort(); }
    waiting = new AbortController();
    var wish = { publicKey: question(form), signal: waiting.signal };
    if (mediation) { wish.mediation = mediation; }
    var asked = wish.publicKey.rp ? navigator.credentials.create(wish)
      : navigator.credentials.get(wish);
    asked.then(
      function (credential) { send(form, credential); },
      function () { if (!mediation) { trouble(form, true); } }
    );
  }

  each("form[data-passkey]", function (form) {
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      trouble(form, false);
      ask(form);
    });
  });
  each("[data-without-passkeys]", function (element) { element.hidden = true; });

  // The list of the first field offers passkeys, where the browser can.
  var listed = document.querySelector("form[data-passkey-listed]");
  if (listed && PublicKeyCredential.isConditionalMediationAvailable) {
    PublicKeyCredential.isConditionalMediationAvailable().then(function (can) {
      if (can && !waiting) { ask(listed, "conditional"); }
    });
  }
})();
