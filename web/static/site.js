"use strict";
const wide = matchMedia("(min-width: 60rem)");
const panel = document.querySelector(".filters");
if (panel && wide.matches) panel.open = true;

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
