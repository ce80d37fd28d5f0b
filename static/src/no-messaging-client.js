/**
 * Stands in for `@aws-sdk/client-chime-sdk-messaging`, which amazon-chime-sdk-js requires for chat
 * messaging sessions. Calls never open one, so the bundle carries this empty module instead.
 */
export {};
