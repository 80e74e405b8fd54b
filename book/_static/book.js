// The theme's Font Awesome replaces <i> by <svg>; a widget keeps hold of its <i> (the Play button breaks).
// "nest" puts the <svg> inside instead. This must run before the theme's own script.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };
