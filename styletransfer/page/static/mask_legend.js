// Shows each painting beside the colour in which its mask is painted, and no colour of a painting that is not
// there. The pictures are those in the boxes, so that nothing is asked of the server.
const renew = () => {
  for (const row of element.querySelectorAll("[data-box]")) {
    const picture = document.querySelector(`#${row.dataset.box} .image-frame img`);
    const mark = row.querySelector("i");
    mark.style.backgroundImage = picture ? `url("${picture.src}")` : "";
    row.hidden = !picture && row.dataset.box !== "keep-mask";
  }
};
document.addEventListener("click", (event) => {
  if (event.target.closest("#masks-open")) renew();
});
renew();
