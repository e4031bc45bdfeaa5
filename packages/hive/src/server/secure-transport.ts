import { once } from 'node:events';
import tls from 'node:tls';

/** Encrypted socket with the interface of hive-driver's sockets. */
export class SecureTransport {
  readonly #target: tls.ConnectionOptions;
  #options: Record<string, unknown> = {};
  #socket: tls.TLSSocket | undefined;

  /** @param target address and verification of the server; hive-driver's own transport accepts every certificate */
  constructor(target: tls.ConnectionOptions) {
    this.#target = target;
  }

  connect(): void {
    this.#socket = tls.connect(this.#target);
  }

  /** Waits until the server's certificate is verified. No data may be written before. */
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

/** Event of an encrypted socket. It is connected when it is encrypted and the server is verified. */
function socketEvent(event: string): string {
  return event === 'connect' ? 'secureConnect' : event;
}
