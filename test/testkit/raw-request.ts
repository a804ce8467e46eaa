import { connect } from "node:net";

/** What came back on a raw connection. */
export interface RawAnswer {
  /** Of the first status line; null where the peer closed without one. */
  readonly status: number | null;
  readonly text: string;
  /** True where the peer had neither answered nor closed when the deadline came. */
  readonly hung: boolean;
}

// 100 Continue and its like, which come before the answer.
const interim = /^(?:HTTP\/1\.1 1[0-9]{2}.*\r\n(?:.+\r\n)*\r\n)+/;

/** Sends bytes to 127.0.0.1 as they are and reads until the peer closes, or until one whole head has come. */
export function rawRequest(port: number, bytes: Uint8Array, deadlineMs = 5000): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    const done = (hung: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(chunks).toString("latin1").replace(interim, "");
      const status = /^HTTP\/1\.[01] ([0-9]{3})/.exec(text)?.[1];
      resolve({ status: status === undefined ? null : Number(status), text, hung });
    };
    const timer = setTimeout(() => done(true), deadlineMs);
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const text = Buffer.concat(chunks).toString("latin1").replace(interim, "");
      if (text.includes("\r\n\r\n")) done(false);
    });
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
  });
}
