/** Girder's REST interface as promises whose rejections are sentences. */

export class RestError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }

  /** The server has refused: asking again gives the same answer. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500;
  }
}

/** Asks Girder and gives its answer; rejects with the server's own sentence. */
export function request<Answer>(method: Girder.RestRequest['method'], url: string): Promise<Answer> {
  const { restRequest } = window.girder.rest;
  return new Promise((resolve, reject) => {
    restRequest({ url, method, error: null }).then(
      (answer: Answer) => resolve(answer),
      (failure) => reject(new RestError(sentence(failure), failure.status)),
    );
  });
}

/** Words for what was thrown, for a person to read. */
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sentence(failure: Girder.RestFailure): string {
  if (failure.responseJSON?.message) {
    return failure.responseJSON.message;
  }
  return failure.status === 0
    ? 'The server cannot be reached.'
    : `The server answered with status ${failure.status}.`;
}
