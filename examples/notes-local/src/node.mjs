// Runs a Lambda function's handler: reads one event per line, and writes one response per line; null if it failed.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL(process.argv[2]).href);

for await (const line of createInterface({ input: process.stdin })) {
  const response = await handler(JSON.parse(line)).catch((error) => {
    console.error(`session: ${error.name}`);
    return null;
  });
  process.stdout.write(`${JSON.stringify(response)}\n`);
}
