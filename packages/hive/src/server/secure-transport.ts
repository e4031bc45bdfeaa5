import { once } from 'node:events';
import tls from 'node:tls';

/** Encrypted socket with the interface of hive-driver's sockets. */
export class SecureTransport {
  readonly #target: tls.ConnectionOptions;
  #options: Record<string, unknown> = {};
  #socket: tls.TLSSocket | undefined;

  /**
   * @param target address of the server, and how to verify its certificate. (hive-driver's own transport accepts every
   * certificate.)
   */
  constructor(target: tls.ConnectionOptions) {
    this.#target = target;
  }

  connect(): void {
    this.#socket = tls.connect(this.#target);
  }

  /** Waits until the server's certificate is verified. Callers must not write data before. */
  async secured(): Promise<void> {
    await once(this.getTransport(), 'secureConnect');
  }

  getTransport(): tls.TLSSocket {
    return this.#socket!;
  }

  setOptions(option: string, value: unknown): void {
    this.#options = { ...this.#options, [option]: value };
  }

  getOptions(): Record<string, unknown> {
    return this.#options;
  }

  addListener(event: string, listener: (...values: unknown[]) => void): void {
    this.getTransport().addListener(socketEvent(event), listener);
  }

  removeListener(event: string, listener: (...values: unknown[]) => void): void {
    this.getTransport().removeListener(socketEvent(event), listener);
  }

  write(bytes: Buffer): void {
    this.getTransport().write(bytes);
  }

  end(): void {
    this.getTransport().end();
  }

  emit(event: string): void {
    this.getTransport().emit(socketEvent(event));
  }
}

/**
 * Name of the event of an encrypted socket for an event of a plain one: `connect` becomes `secureConnect`, so that the server is
 * verified by then.
 */
function socketEvent(event: string): string {
  return event === 'connect' ? 'secureConnect' : event;
}
