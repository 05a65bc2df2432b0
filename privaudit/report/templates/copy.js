"use strict";
// Buttons that copy the sentence of their quotation; without a script they stay hidden.
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach((button) => {
  const quotation = button.closest("blockquote"), sentence = quotation.querySelector("p");
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.clipboard.writeText(sentence.textContent.trim()).then(
      () => { quotation.querySelector("[role=status]").textContent = button.dataset.copied; },
      // Where copying is refused the sentence is selected, to be copied by key.
      () => getSelection().selectAllChildren(sentence)));
});
