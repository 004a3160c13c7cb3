// WebKitGTK: Debian's MiniBrowser on a virtual X display, driven by WebKitWebDriver.
import { freePorts, launchProgram } from "../process.mjs";
import { driverReady, newSession } from "./webdriver.mjs";

export const program = process.env.WEBKIT_DRIVER ?? "/usr/bin/WebKitWebDriver";
export const install = "install webkit2gtk-driver and xvfb, or set WEBKIT_DRIVER";

export async function start() {
  const screen = ["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"];
  const display = await launchProgram("Xvfb", screen, { ready: /^(\d+)\n/m }).catch((cause) => {
    throw new Error(`webkit: Xvfb does not start: ${install}`, { cause });
  });
  const env = { DISPLAY: `:${display.match[1]}`, NO_AT_BRIDGE: "1" };

  /** A driver allows one session, whose cookies end with it. */
  async function newProfile({ blockCookies = false } = {}) {
    const [port] = await freePorts(1);
    const driver = await launchProgram(program, [`--port=${port}`], { env });
    try {
      const url = `http://127.0.0.1:${port}`;
      await driverReady(url);
      const args = ["--automation", `--cookies-policy=${blockCookies ? "never" : "no-third-party"}`];
      const { newPage, version } = await newSession(url, {
        acceptInsecureCerts: true,
        "webkitgtk:browserOptions": { args },
      });
      return { newPage, version, close: driver.stop };
    } catch (error) {
      await driver.stop();
      throw error;
    }
  }

  try {
    const { version, close } = await newProfile();
    await close();
    return { version: `WebKitGTK ${version}`, newProfile, stop: display.stop };
  } catch (error) {
    await display.stop();
    throw error;
  }
}
