// The comparison of photo and painting, the time-lapse, and the tile repeated, each of which can replace the picture.
// The state is kept on the easel (data-view) and on this element, which remain when the value changes.
const easel = element.closest("#easel");
const find = (selector) => element.querySelector(selector);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const show = (view) => {
  easel.dataset.view = view;
  for (const name of ["compare", "timelapse", "repeated"]) {
    document.querySelector(`#${name}`)?.setAttribute("aria-pressed", name === view);
  }
  if (view !== "timelapse") find("video")?.pause();
};

// Shows the photo to the left of the line and the painting to the right of it.
const divide = () => {
  const range = find(".compare input");
  if (range) find(".both").style.setProperty("--at", `${range.value}%`);
};

const zoom = (on) => {
  const stage = find(".compare .shown");
  stage.classList.toggle("zoomed", on);
  find(".zoom").setAttribute("aria-pressed", on);
  stage.scrollTo(
    (stage.scrollWidth - stage.clientWidth) / 2,
    (stage.scrollHeight - stage.clientHeight) / 2,
  );
};

const fill = async () => {
  const compare = find(".compare");
  if (compare.requestFullscreen) {
    await (document.fullscreenElement ? document.exitFullscreen() : compare.requestFullscreen());
  } else {
    // phones that allow full screen for videos only
    compare.classList.toggle("full");
  }
};

// Shows the frame at this place as a picture, which can be saved.
const look = (place) => {
  const { frames, film } = props.value;
  const frame = frames[place];
  const range = find(".timelapse input");
  range.value = place;
  range.setAttribute("aria-valuetext", frame.label);
  find(".when").textContent = frame.label;
  find(".frame").src = frame.file.url;
  find(".keep-frame").href = frame.file.url;
  if (film && find("video").paused) find("video").currentTime = (place + 0.5) / props.value.rate;
};

const playing = (on) => {
  find(".timelapse").classList.toggle("playing", on);
  find(".play").setAttribute("aria-pressed", on);
};

const follow = () => {
  const video = find("video");
  if (!video || video.paused) return;
  look(Math.min(props.value.frames.length - 1, Math.floor(video.currentTime * props.value.rate)));
  requestAnimationFrame(follow);
};

const play = () => {
  const video = find("video");
  if (!video?.paused) return video?.pause();
  const last = props.value.frames.length - 1;
  if (Number(find(".timelapse input").value) >= last) video.currentTime = 0;
  video.play().catch(() => {}); // browsers that cannot play the video still have the frames
};

element.addEventListener("input", (event) => {
  if (event.target.closest(".compare")) return divide();
  find("video")?.pause();
  look(Number(event.target.value));
});
element.addEventListener("click", (event) => {
  if (event.target.closest(".zoom")) zoom(!find(".zoomed"));
  if (event.target.closest(".fill")) fill();
  if (event.target.closest(".play")) play();
});
const drag = (event) => {
  const both = event.target.closest(".both");
  if (!both || !event.buttons || find(".zoomed")) return;
  const box = both.getBoundingClientRect();
  find(".compare input").value = (100 * (event.clientX - box.left)) / box.width;
  divide();
};
element.addEventListener("pointerdown", drag);
element.addEventListener("pointermove", drag);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") find(".full")?.classList.remove("full");
});
// Media events do not bubble, so they are caught in the capture phase.
element.addEventListener(
  "play",
  () => {
    playing(true);
    follow();
  },
  true,
);
element.addEventListener("pause", () => playing(false), true);
element.addEventListener(
  "error",
  (event) => {
    if (event.target.closest("video")) find(".timelapse").classList.add("unplayable");
  },
  true,
);

document.addEventListener("click", (event) => {
  const name = event.target.closest("#compare, #timelapse, #repeated")?.id;
  if (!name) return;
  document.querySelector("#stage").scrollIntoView({ block: "nearest" });
  show(easel.dataset.view === name ? "" : name);
  if (easel.dataset.view !== "timelapse") return;
  if (!props.value.frames)
    trigger("select", {}); // the server makes the video when it is first asked for
  else if (!calm.matches) play();
});
// An example is compared with its photo at once, a picture when it is asked for.
const begin = () => {
  if (props.value.opened) show("compare");
  divide();
};
if (props.value?.picture) begin();
let before = null;
watch("value", () => {
  const value = props.value;
  if (!value?.picture) show("");
  else begin();
  if (value?.frames && !before?.frames) {
    look(value.frames.length - 1);
    if (easel.dataset.view === "timelapse" && !calm.matches) play();
  }
  before = value;
});
