import { testEngine } from "./harness/engines/scenarios.mjs";

testEngine("chromium");
