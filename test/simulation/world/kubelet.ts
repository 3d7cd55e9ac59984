// Runs the pods: starts and ends their processes in the time that the scenario says, and lets each
// process open all sessions that it may, which is the worst that a pool can do. A process that is
// refused tries again every second. Everything is a timer; a pod that runs has none.

import { Addresses } from "./addresses.ts";
import { type KubeletParts, loginOf } from "./kubelet-parts.ts";
import { nodeAddressOf, Pod, type PodParts } from "./pod.ts";
import { closeBeyond, openAll } from "./pod-sessions.ts";

const retryMs = 5_000;
/** What has finished is cleaned up by its owner. */
const finishedShownMs = 60_000;

export class Kubelet {
  readonly #parts: KubeletParts;
  readonly #addresses: Addresses;
  readonly #pods = new Map<string, Pod>();
  /** With the number of the loss: what a former one has set in motion is over. */
  readonly #lostNodes = new Map<string, number>();
  #losses = 0;
  readonly #heldSlots = new Map<string, number>();

  constructor(parts: KubeletParts) {
    this.#parts = parts;
    this.#addresses = new Addresses(parts.random);
  }

  pods(): IterableIterator<Pod> {
    return this.#pods.values();
  }

  get(key: string): Pod | undefined {
    return this.#pods.get(key);
  }

  /** Σ slots of the pods that exist. */
  heldSlots(server: string): number {
    return this.#heldSlots.get(server) ?? 0;
  }

  isLost(node: string): boolean {
    return this.#lostNodes.has(node);
  }

  create(parts: PodParts): Pod {
    const pod = new Pod(parts);
    this.#readSize(pod);
    this.#pods.set(pod.key, pod);
    this.#show(pod);
    if (!pod.isGated) this.#startAfter(pod, this.#parts.times.startMs(pod));
    return pod;
  }

  /** Its gate is gone: it starts with what its annotation says by then. */
  release(pod: Pod, poolSize: string, resized: string): void {
    this.#resized(pod, () => {
      pod.isGated = false;
      pod.tell(poolSize, resized);
      pod.readSize(this.#parts.lookUp);
    });
    this.#show(pod);
    this.#startAfter(pod, this.#parts.times.startMs(pod));
    pod.parts.onChange();
  }

  /** Its object is deleted: it gets its grace period. */
  terminate(pod: Pod): void {
    if (pod.terminating || pod.isGone) return;
    pod.terminating = true;
    this.#show(pod);
    // What has no node is gone at once.
    if (pod.isGated) this.#remove(pod);
    else if (!this.isLost(pod.node)) this.#end(pod);
    pod.parts.onChange();
  }

  /** Its process ends and is started anew: with what its environment says by then. */
  crash(pod: Pod): void {
    if (!pod.isStarted || pod.terminating || this.isLost(pod.node)) return;
    this.#stopProcess(pod);
    this.#show(pod);
    this.#startAfter(pod, this.#parts.times.restartMs(pod));
    pod.parts.onChange();
  }

  /** Its process has done its work; what is left of it is shown for a while. */
  finish(pod: Pod): void {
    if (pod.terminating || pod.finished || pod.isGone || this.isLost(pod.node)) return;
    pod.cancelTimer?.();
    this.#stopProcess(pod);
    pod.finished = true;
    this.#readSize(pod);
    this.#show(pod);
    pod.parts.onChange();
    this.#parts.clock.after(finishedShownMs, () => {
      if (!pod.isGone) this.#remove(pod);
    });
  }

  /** Its annotations were written: its process follows when kubelet and library get to it. */
  resize(pod: Pod, poolSize: string, resized: string): void {
    this.#resized(pod, () => {
      pod.tell(poolSize, resized);
    });
    this.#show(pod);
    const followMs = this.#parts.times.followMs(pod);
    const { login } = pod;
    if (!Number.isFinite(followMs)) return;
    this.#parts.clock.after(followMs, () => {
      if (pod.isStarted && !pod.isGone && pod.login === login) this.#follow(pod);
    });
  }

  #follow(pod: Pod): void {
    this.#resized(pod, () => {
      pod.follow();
    });
    for (const name of pod.servers) closeBeyond(pod, name, this.#parts.serverOf(name));
    this.#connect(pod);
  }

  /** The server went down, with every session, or is up again: its pods come back. */
  reconnect(server: string): void {
    const isUp = this.#parts.serverOf(server)?.isUp === true;
    for (const pod of this.#pods.values()) {
      if (!pod.servers.includes(server)) continue;
      if (!isUp) pod.holdSessions(server, 0);
      else if (pod.isStarted && !pod.terminating) this.#retryLater(pod);
    }
  }

  /** Images of this workload can be pulled again. */
  retryStarts(workload: string): void {
    for (const pod of this.#pods.values()) {
      const waits = !pod.isStarted && !pod.terminating && !pod.isGated && pod.workload === workload;
      if (waits) this.#startAfter(pod, this.#parts.times.startMs(pod));
    }
  }

  /** The machine is gone without a word. */
  loseNode(node: string): void {
    if (this.#lostNodes.has(node)) return;
    const loss = ++this.#losses;
    this.#lostNodes.set(node, loss);
    const { clock, nodeTimes } = this.#parts;
    const onNode = this.#podsOn(node);
    for (const pod of onNode) {
      pod.cancelTimer?.();
      this.#haunt(pod);
    }
    const later = (delayMs: number, run: (pod: Pod) => void): void => {
      clock.after(delayMs, () => {
        if (this.#lostNodes.get(node) !== loss) return;
        for (const pod of onNode) if (!pod.isGone) run(pod);
      });
    };
    later(nodeTimes.notReadyMs, (pod) => {
      pod.ready = false;
      this.#show(pod);
      pod.parts.onChange();
    });
    later(nodeTimes.evictMs, (pod) => {
      this.terminate(pod);
    });
    later(nodeTimes.evictMs + nodeTimes.vanishMs, (pod) => {
      this.#remove(pod);
    });
  }

  /** The machine starts anew: what still exists is ended, or started with a new address. */
  restoreNode(node: string): void {
    if (!this.#lostNodes.delete(node)) return;
    for (const pod of this.#podsOn(node)) {
      if (pod.terminating) {
        this.#remove(pod);
        continue;
      }
      pod.isStarted = false;
      pod.ready = false;
      pod.address = undefined;
      pod.login = undefined;
      pod.ownAddress = undefined;
      this.#show(pod);
      this.#startAfter(pod, this.#parts.times.restartMs(pod));
    }
  }

  /** What waits behind the gate has no node. */
  #podsOn(node: string): readonly Pod[] {
    return [...this.#pods.values()].filter((pod) => pod.node === node && !pod.isGated);
  }

  /** Its sessions stay on the server, where nobody ends them. */
  #haunt(pod: Pod): void {
    for (const name of pod.servers) {
      const [server, count] = [this.#parts.serverOf(name), pod.sessionsOn(name)];
      if (server && pod.login && count > 0) {
        server.abandon(pod.login, count, this.#parts.times.keepaliveMs(pod));
      }
      pod.holdSessions(name, 0);
    }
    pod.isStarted = false;
  }

  #startAfter(pod: Pod, delayMs: number): void {
    if (this.isLost(pod.node)) return;
    pod.cancelTimer?.();
    pod.cancelTimer = this.#parts.clock.after(delayMs, () => {
      if (this.#parts.canPull(pod)) this.#start(pod);
    });
  }

  #start(pod: Pod): void {
    pod.isStarted = true;
    this.#readSize(pod);
    const address = (pod.ownAddress ??= this.#addresses.take());
    pod.login = loginOf(pod, this.#isTranslated(pod) ? nodeAddressOf(pod.node) : address);
    this.#connect(pod);
    const readyMs = this.#parts.times.readyMs(pod);
    const shown = (): void => {
      if (!pod.isStarted || pod.isGone) return;
      pod.ready = true;
      pod.readySinceMs = this.#parts.clock.nowMs();
      pod.address = address;
      this.#show(pod);
      pod.parts.onChange();
    };
    if (readyMs <= 0) shown();
    else this.#parts.clock.after(readyMs, shown);
  }

  #isTranslated(pod: Pod): boolean {
    return this.#parts.serverOf(pod.servers[0])?.settings.isBehindTranslation === true;
  }

  #connect(pod: Pod): void {
    const areRefused = pod.servers.map((name) => openAll(pod, name, this.#parts.serverOf(name)));
    const mayRetry = pod.isStarted && !pod.terminating;
    if (areRefused.includes(true) && mayRetry) this.#retryLater(pod);
  }

  #retryLater(pod: Pod): void {
    pod.cancelTimer?.();
    pod.cancelTimer = this.#parts.clock.after(retryMs, () => {
      this.#connect(pod);
    });
  }

  #stopProcess(pod: Pod): void {
    for (const name of pod.servers) {
      const count = pod.sessionsOn(name);
      if (pod.login) this.#parts.serverOf(name)?.disconnect(pod.login, count);
      pod.holdSessions(name, 0);
    }
    pod.isStarted = false;
    pod.ready = false;
  }

  #end(pod: Pod): void {
    pod.cancelTimer?.();
    const delayMs = Math.min(this.#parts.times.stopMs(pod), pod.parts.graceMs);
    pod.cancelTimer = this.#parts.clock.after(delayMs, () => {
      this.#remove(pod);
    });
  }

  #remove(pod: Pod): void {
    pod.cancelTimer?.();
    if (!this.isLost(pod.node)) this.#stopProcess(pod);
    pod.isGone = true;
    if (pod.ownAddress !== undefined) this.#addresses.release(pod.ownAddress);
    this.#pods.delete(pod.key);
    for (const server of pod.servers) this.#hold(server, -pod.slotsOn(server));
    this.#parts.pods.delete(pod.key);
    pod.parts.onChange();
  }

  #readSize(pod: Pod): void {
    this.#resized(pod, () => {
      pod.readSize(this.#parts.lookUp);
    });
  }

  #resized(pod: Pod, change: () => void): void {
    for (const server of pod.servers) this.#hold(server, -pod.slotsOn(server));
    change();
    for (const server of pod.servers) this.#hold(server, pod.slotsOn(server));
  }

  #hold(server: string, slots: number): void {
    this.#heldSlots.set(server, this.heldSlots(server) + slots);
  }

  #show(pod: Pod): void {
    this.#parts.pods.put(pod.observed());
  }
}
