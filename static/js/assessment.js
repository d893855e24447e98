// What if: the sum of the weights while they are typed.

for (const form of document.querySelectorAll("[data-weights]")) {
  const sum = form.querySelector("[data-sum]");
  const show = () => {
    const cents = [...form.querySelectorAll("[data-weight]")].reduce(
      (total, box) => total + Math.round((Number.parseFloat(box.value) || 0) * 100),
      0,
    );
    sum.textContent = sum.dataset.words.replace("{sum}", String(cents / 100));
    sum.classList.toggle("weights-wrong", cents !== 10000);
  };
  form.addEventListener("input", show);
  show();
}
