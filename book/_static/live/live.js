// The starter of the live parts of a page: it finds them, and loads the rest when a reader asks for it.
// In a notebook, and without JavaScript, the text inside each part stays as it is.
(function () {
  "use strict";
  if (window.olcLive) return;
  window.olcLive = true;
  const base = document.currentScript.src.replace(/[^/]*$/, "");
  const OLC = (window.OLC = window.OLC || {}), loaded = {};

  /** Loads scripts of this folder, each once, one after the other. */
  OLC.load = function (...names) {
    return names.reduce((before, name) => before.then(() => (loaded[name] = loaded[name] || add(name))), Promise.resolve());
  };
  function add(name) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = `${base}${name}.js`;
      script.onload = done;
      script.onerror = () => {
        delete loaded[name];
        script.remove();
        fail(new Error("A part of this page could not be loaded; please try again."));
      };
      document.head.append(script);
    });
  }

  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${base}live.css`;
  style.onload = () => document.querySelectorAll(".olc-live").forEach(offer);
  document.head.append(style);

  function offer(part) {
    const file = part.dataset.live === "speak" ? "speak" : "explorers";
    const start = () => OLC.load("engine", "networks", "widgets", file).then(() => {
      part.replaceChildren();
      part.classList.add("on");
      return OLC[part.dataset.live](part);
    });
    if (part.dataset.live === "speak") return start();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = part.dataset.title || "Try it here";
    button.onclick = () => {
      button.disabled = true;
      start().then(
        () => part.querySelector("input, button, select, [tabindex]").focus({ preventScroll: true }),
        (error) => {
          button.disabled = false;
          button.textContent = error.message;
        });
    };
    part.replaceChildren(button);
    return null;
  }
})();
