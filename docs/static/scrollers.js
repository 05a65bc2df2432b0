// What scrolls sideways is reached with the keyboard too.
const reach = () => {
  for (const one of document.querySelectorAll("pre, .table-wrapper, .figure-wrapper, .toc-scroll, .sidebar-scroll")) {
    if (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  }
};
addEventListener("resize", reach);
addEventListener("DOMContentLoaded", reach);
