// The street of the invented family: its map follows the step that is read.
(() => {
  const part = document.getElementById("one-street"), now = part?.querySelector(".now");
  if (!now || !("IntersectionObserver" in window)) return;
  const steps = [...part.querySelectorAll("[data-step]")], drawn = [...now.querySelectorAll("[data-at]")];
  const show = (step) => {
    steps.forEach((one) => one.classList.toggle("at", one === step));
    drawn.forEach((one) => one.classList.toggle("at", one.dataset.at === step.dataset.step));
  };
  // The line that a step crosses when it is read: below a map that stands on top.
  const line = window.innerWidth > 900 ? 58 : 68;
  const watch = new IntersectionObserver(
    (seen) => seen.filter((one) => one.isIntersecting).forEach((one) => show(one.target)),
    { rootMargin: `-${line}% 0px -${99 - line}% 0px` },
  );
  part.classList.add("live");
  now.hidden = false;
  steps.forEach((one) => watch.observe(one));
  show(steps[0]);
})();
