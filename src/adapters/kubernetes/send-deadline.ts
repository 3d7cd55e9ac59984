// Sends a request in time or not at all. A request may wait for a free connection, and the process
// may be stopped meanwhile; when it wakes, the connection is served before any timer runs. So the
// time is looked at in the same breath in which the first byte is written. What a leader wrote must
// not arrive when another one leads.

import type { Dispatcher } from "undici";

/** The same connections, of which none begins a request once `isLate` says so. */
export function withSendDeadline(pool: Dispatcher, isLate: () => boolean): Dispatcher {
  return pool.compose(
    (dispatch) => (options, handler) => dispatch(options, deadlineHandler(handler, isLate)),
  );
}

type Handler = Dispatcher.DispatchHandler;

function deadlineHandler(handler: Handler, isLate: () => boolean): Handler {
  return {
    onRequestStart: (controller, context) => {
      if (isLate()) controller.abort(tooLate());
      else handler.onRequestStart?.(controller, context);
    },
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  };
}

function tooLate(): Error {
  return new DOMException("The request was not sent in time", "TimeoutError");
}
