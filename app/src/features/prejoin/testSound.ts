const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_S = 0.16;
const RING_S = 0.6;

/** Three soft notes on the speaker that was chosen. */
export async function playTestSound(speakerId: string): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = out.stream;
  if (speakerId && 'setSinkId' in element)
    await element.setSinkId(speakerId).catch(() => undefined);
  await element.play().catch(() => undefined);
  const start = context.currentTime + 0.05;
  NOTES_HZ.forEach((hz, i) => {
    const at = start + i * NOTE_S;
    const tone = new OscillatorNode(context, { frequency: hz });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + RING_S);
    tone.connect(gain).connect(out);
    tone.start(at);
    tone.stop(at + RING_S);
  });
  const lasts = (NOTES_HZ.length * NOTE_S + RING_S + 0.2) * 1000;
  await new Promise((done) => setTimeout(done, lasts));
  element.srcObject = null;
  await context.close();
}
