// The sound at the end of a picture: D5 and A5, two sine tones a fifth apart, the second 0.22 s after the first, each
// of which swells within 0.04 s and has faded away after 1 s. Its peak is 0.29 of full scale.
window.chime = (audio) => {
  for (const [place, frequency] of [587.33, 880].entries()) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const at = audio.currentTime + 0.22 * place;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.2, at + 0.04);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.9);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 1);
  }
};
