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
