/**
 * The AWS SDK for JavaScript as a program that speaks JSON lines; ../client.py says what the lines hold.
 */

import { createInterface } from "node:readline";

import * as connect from "@aws-sdk/client-connect";
import * as connectparticipant from "@aws-sdk/client-connectparticipant";
import * as sqs from "@aws-sdk/client-sqs";

const SERVICES = {
  connect: [connect, connect.ConnectClient],
  connectparticipant: [connectparticipant, connectparticipant.ConnectParticipantClient],
  sqs: [sqs, sqs.SQSClient],
};
const clients = new Map();

function clientFor(setup, service) {
  const key = JSON.stringify([setup, service]);
  if (!clients.has(key)) {
    const [, Client] = SERVICES[service];
    const unsigned = { signer: { sign: async (request) => request } };
    clients.set(
      key,
      new Client({
        endpoint: setup.url,
        region: setup.region,
        credentials: {
          accessKeyId: setup.access_key ?? "nobody",
          secretAccessKey: setup.secret_key,
          sessionToken: setup.session_token ?? undefined,
        },
        maxAttempts: setup.attempts,
        systemClockOffset: setup.clock_offset_s * 1000,
        ...(setup.access_key === null ? unsigned : {}),
      }),
    );
  }
  return clients.get(key);
}

async function collected(library, client, operation, parameters, { key, size }) {
  const entries = [];
  const pages = library[`paginate${operation}`]({ client, pageSize: size }, parameters);
  for await (const page of pages) entries.push(...page[key]);
  return entries;
}

async function answer({ setup, service, operation, parameters, pages }) {
  const [library] = SERVICES[service];
  const client = clientFor(setup, service);
  try {
    if (pages) return { result: await collected(library, client, operation, parameters, pages) };
    const reply = await client.send(new library[`${operation}Command`](parameters));
    delete reply.$metadata;
    return { result: reply };
  } catch (error) {
    return {
      error: {
        code: error.name,
        message: error.message,
        status: error.$metadata?.httpStatusCode ?? null,
        request_id: error.$metadata?.requestId ?? null,
      },
    };
  }
}

function withDates(_key, value) {
  return value && typeof value === "object" && "$date" in value ? new Date(value.$date) : value;
}

/** JSON.stringify asks a Date for its text before a replacer sees it, so it is looked up where it was held. */
function markDates(key, value) {
  return this[key] instanceof Date ? { $date: value } : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line, withDates)), markDates));
}
