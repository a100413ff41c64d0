// Sound to listen to: its waveform, played and paused, wound back and forward, slower and faster.

import { button, make } from "../label/dom.js";
import { spoken, styled } from "./_easel.js";

const JUMP = 3;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/**
 * Show the sound at `url` in `root`; without the waveform's library the browser's own player does.
 * It is fetched once and whole: the waveform needs all of it, and winding then asks nothing of the server.
 */
export function mount(root, { item, url = item?.payload.audio, words, report = () => {} }) {
  styled("../widgets.css");
  const say = spoken(words);
  const player = make("audio", { preload: "auto" });
  const wave = make("div", { class: "sound-wave", tabindex: "0", role: "slider", "aria-label": say("label.sound"), "aria-valuemin": "0" });
  const play = button(say("sound.play"), toggle);
  const slower = button(say("sound.slower"), () => quicken(-1), { hotkey: "<" });
  const faster = button(say("sound.faster"), () => quicken(1), { hotkey: ">" });
  const speed = make("output", {});
  const time = make("output", { class: "sound-time" });
  const bar = make(
    "div",
    { class: "easel-bar", role: "toolbar", "aria-label": say("label.sound") },
    play,
    button(say("sound.back", { n: JUMP }), () => seek(player.currentTime - JUMP), { hotkey: "ArrowLeft" }),
    button(say("sound.forward", { n: JUMP }), () => seek(player.currentTime + JUMP), { hotkey: "ArrowRight" }),
    slower,
    faster,
    speed,
    make("span", { class: "easel-gap" }),
    time,
  );
  const whole = make("div", { class: "sound-viewer" }, wave, bar);
  root.append(whole);
  let drawn = null;
  let own = ""; // an address of bytes held by this page, to be given back
  let dead = false;

  for (const event of ["play", "pause", "timeupdate", "seeked", "ratechange", "loadedmetadata", "durationchange"]) {
    player.addEventListener(event, shown);
  }
  player.addEventListener("error", failed);
  whole.addEventListener("keydown", (event) => {
    if (!keys(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  const leaving = new AbortController();
  const library = import("../built/wavesurfer.js").catch(() => null);
  Promise.all([library, fetched()]).then(([found, sound]) => dead || (found ? begun(found, sound) : plain(sound)), () => dead || failed());
  shown();

  async function fetched() {
    const answer = await fetch(url, { credentials: "same-origin", signal: leaving.signal });
    if (!answer.ok) throw new Error(`the server said ${answer.status}`);
    return answer.blob();
  }

  function begun({ default: WaveSurfer }, sound) {
    drawn = WaveSurfer.create({
      container: wave, media: player, height: 96, waveColor: "#8a94a6", progressColor: "#3d8bfd", cursorColor: "#ff6a3d",
      cursorWidth: 2, barWidth: 2, barGap: 1, barRadius: 1, dragToSeek: true, normalize: true,
    });
    drawn.on("error", failed);
    drawn.loadBlob(sound).catch(failed);
  }

  function plain(sound) {
    player.src = own = URL.createObjectURL(sound);
    player.controls = true;
    player.setAttribute("aria-label", say("label.sound"));
    wave.replaceWith(player);
  }

  function failed() {
    if (dead) return;
    whole.replaceChildren(make("p", { class: "fault", role: "alert" }, say("error.media")));
  }

  function toggle() {
    return player.paused ? player.play() : player.pause();
  }

  function seek(seconds) {
    player.currentTime = Math.min(Math.max(seconds, 0), Number.isFinite(player.duration) ? player.duration : 0);
    shown();
    report(position());
  }

  function quicken(by) {
    const now = SPEEDS.indexOf(player.playbackRate);
    player.playbackRate = SPEEDS[Math.min(Math.max((now < 0 ? 2 : now) + by, 0), SPEEDS.length - 1)];
    report(say("sound.speed", { n: player.playbackRate }));
  }

  function position() {
    const long = Number.isFinite(player.duration) ? player.duration : 0;
    return say("sound.position", { n: player.currentTime.toFixed(1), total: long.toFixed(1) });
  }

  function shown() {
    play.firstChild.textContent = say(player.paused ? "sound.play" : "sound.pause");
    speed.textContent = say("sound.speed", { n: player.playbackRate });
    time.textContent = position();
    wave.setAttribute("aria-valuemax", String(Number.isFinite(player.duration) ? player.duration : 0));
    wave.setAttribute("aria-valuenow", player.currentTime.toFixed(1));
    wave.setAttribute("aria-valuetext", position());
  }

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const onButton = event.target instanceof HTMLButtonElement;
    const act = {
      " ": onButton ? null : toggle,
      ArrowLeft: () => seek(player.currentTime - JUMP),
      ArrowRight: () => seek(player.currentTime + JUMP),
      Home: () => seek(0),
      "<": () => quicken(-1),
      ">": () => quicken(1),
    }[event.key];
    act?.();
    return Boolean(act);
  }

  return {
    play: toggle,
    seek,
    back: () => seek(player.currentTime - JUMP),
    forward: () => seek(player.currentTime + JUMP),
    slower: () => quicken(-1),
    faster: () => quicken(1),
    focus: () => wave.focus(),
    destroy() {
      dead = true;
      leaving.abort();
      player.pause();
      drawn?.destroy();
      if (own) URL.revokeObjectURL(own);
      whole.remove();
    },
  };
}
