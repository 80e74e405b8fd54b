// The theme's Font Awesome replaces <i> by <svg>; a widget keeps hold of its <i> (the Play button breaks).
// "nest" puts the <svg> inside instead. This must run before the theme's own script.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };

// The theme calls a mode that was never chosen an error; "auto" is what it falls back to.
document.documentElement.dataset.mode ||= "auto";

// Widgets ask for the queue of MathJax 2 whenever they show a label; MathJax 3 has none, and the label stays unset.
document.addEventListener("DOMContentLoaded", () => {
  const math = window.MathJax;
  if (!math || math.Hub || !math.startup) return;
  math.Hub = { Queue: ([, , element]) => math.startup.promise.then(() => math.typesetPromise([element])) };
});

// The widgets' manager checks its own schema, and says so on the console: nothing that a reader could mend.
const warn = console.warn;
console.warn = (...given) => {
  if (!String(given[0]).startsWith("strict mode: use allowUnionTypes")) warn.apply(console, given);
};

// Names for those who listen to a page: a slider has its label's, a widget's picture that of its caption or its sliders.
function nameWidgets() {
  for (const handle of document.querySelectorAll(".noUi-handle:not([aria-label])")) {
    const label = handle.closest(".widget-slider")?.querySelector(".widget-label");
    if (label?.textContent) handle.setAttribute("aria-label", label.textContent);
  }
  for (const image of document.querySelectorAll("img.widget-image:not([alt])")) {
    const caption = image.parentElement.querySelector(":scope > .widget-label")?.textContent;
    const sliders = image.closest(".cell_output")?.querySelectorAll(".widget-slider .widget-label") ?? [];
    image.alt = caption || `Picture set by: ${[...sliders].map((label) => label.textContent).join(", ")}`;
  }
}
document.addEventListener("DOMContentLoaded", () => {
  nameWidgets();
  new MutationObserver(nameWidgets).observe(document.body, { childList: true, subtree: true });
  // A list of references has no list items: its entries are not named as such.
  for (const list of document.querySelectorAll(".citation-list[role=list]")) {
    list.removeAttribute("role");
    for (const entry of list.querySelectorAll("[role=doc-biblioentry]")) entry.removeAttribute("role");
  }
});
