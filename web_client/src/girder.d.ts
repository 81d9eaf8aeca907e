/** What we use of `window.girder`, which Girder's own client defines before it loads plugins. */

declare namespace Girder {
  interface Events {
    on(names: string, handler: (event: never) => void, context?: unknown): void;
    once(names: string, handler: () => void, context?: unknown): void;
    off(names: string | null, handler: unknown, context: unknown): void;
  }

  interface Model extends Events {
    readonly id: string;
    get(key: string): unknown;
    set(values: object): void;
  }

  interface FileListWidget extends Events {
    readonly collection: Events & { at(index: number): Model | undefined };
  }

  interface ItemView extends Events {
    readonly el: HTMLElement;
    readonly model: Model;
    readonly accessLevel: number;
    readonly fileListWidget: FileListWidget;
  }

  interface RestRequest {
    url: string;
    method: 'GET' | 'POST' | 'PUT';
    /** `null` keeps Girder from showing its own alert and from logging the user out. */
    error: null;
  }

  interface RestFailure {
    status: number;
    responseJSON?: { message?: string };
  }

  type Wrapper = (this: ItemView, original: (...args: unknown[]) => unknown) => unknown;
}

interface Window {
  readonly girder: {
    readonly auth: { getCurrentUser(): Girder.Model | null };
    readonly constants: { readonly AccessType: { readonly WRITE: number } };
    readonly pluginUtils: { registerPluginNamespace(name: string, symbols: object): void };
    readonly rest: {
      getApiRoot(): string;
      restRequest(request: Girder.RestRequest): {
        then(done: (answer: never) => void, fail: (failure: Girder.RestFailure) => void): void;
      };
    };
    readonly utilities: {
      readonly eventStream: Girder.Events;
      readonly PluginUtils: { wrap(view: unknown, method: string, wrapper: Girder.Wrapper): void };
    };
    readonly views: { readonly body: { readonly ItemView: unknown } };
  };
}
