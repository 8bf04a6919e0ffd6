// Candidates of the other side, which may come before the description that they belong to, or
// belong to an offer that was passed over.
import { readCandidate, ufragsOf } from './notes';

const MOST = 100;

type Candidate = NonNullable<ReturnType<typeof readCandidate>>;

export class Candidates {
  #held: Candidate[] = [];

  hold(what: unknown): void {
    const candidate = readCandidate(what);
    if (!candidate) return;
    this.#held.push(candidate);
    if (this.#held.length > MOST) this.#held.shift();
  }

  /** Gives `pc` those that belong to the description that it has. */
  async add(pc: RTCPeerConnection): Promise<void> {
    const sdp = pc.remoteDescription?.sdp;
    if (!sdp) return;
    const ufrags = ufragsOf(sdp);
    const fits = ({ ufrag }: Candidate) => ufrag === null || ufrags.has(ufrag);
    const ready = this.#held.filter(fits);
    this.#held = this.#held.filter((candidate) => !fits(candidate));
    // One that the browser does not like is no reason to give up the others.
    await Promise.allSettled(ready.map(({ init }) => pc.addIceCandidate(init)));
  }
}
