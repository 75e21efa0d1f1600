export {
  createHttpClient,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from './create-http-client.ts';
export { HttpConnectionError, HttpResponseTooLargeError, HttpTimeoutError } from './http-errors.ts';
