// [declarations]
import { promisify } from "node:util";
import koffi from "koffi";

// The declarations of uservoice.h that the program needs.
const library = koffi.load("libuservoice.so.0");
koffi.opaque("uservoice_client");
koffi.opaque("uservoice_collection");
koffi.opaque("uservoice_error");
const freeString = library.func("void uservoice_string_free(void *)");
koffi.disposable("owned_string", "str", freeString); // copied, then freed
const clientNew = library.func(
  "int uservoice_client_new(str, str, str, str, _Out_ uservoice_client **, _Out_ uservoice_error **)");
const collectionNew = library.func("int uservoice_collection_new(uservoice_client *, void *, str, " +
  "str, int64_t, _Out_ uservoice_collection **, _Out_ uservoice_error **)");
const collectionNext = library.func("int uservoice_collection_next(uservoice_collection *, " +
  "_Out_ owned_string *, _Out_ uservoice_error **)");
const get = library.func("int uservoice_get(uservoice_client *, void *, str, str, " +
  "_Out_ owned_string *, _Out_ uservoice_error **)");
const ssoJwt = library.func(
  "int uservoice_sso_jwt(str, str, int64_t, _Out_ owned_string *, _Out_ uservoice_error **)");
const errorMessage = library.func("str uservoice_error_message(uservoice_error *)");
const errorFree = library.func("void uservoice_error_free(uservoice_error *)");
const collectionFree = library.func("void uservoice_collection_free(uservoice_collection *)");
const clientFree = library.func("void uservoice_client_free(uservoice_client *)");

// Calls a function in a thread; returns its result, or throws the message of the error.
async function call(func, ...args) {
  const result = [null];
  const error = [null];
  if (await promisify(func.async)(...args, result, error) === 0) return result[0];
  const message = errorMessage(error[0]);
  errorFree(error[0]);
  throw new Error(message);
}
// [end]

// [program]
const options = JSON.stringify({ language: "node", base_url: process.env.USERVOICE_BASE_URL });
const client = await call(
  clientNew, "sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options);
let suggestions = null;
try {
  suggestions = await call(collectionNew, client, null, "/api/v1/forums/1/suggestions", null, 3);
  let record;
  while ((record = await call(collectionNext, suggestions)) !== null) {
    console.log(JSON.parse(record).title);
  }
  const user = JSON.stringify({ guid: "1001", email: "jo@example.com" });
  console.log(await call(ssoJwt, "sandbox-sso-key", user, 300));
  await call(get, client, null, "/api/v1/forums/9", null);
} catch (error) {
  console.log(error.message);
} finally {
  collectionFree(suggestions);
  clientFree(client);
}
// [end]
