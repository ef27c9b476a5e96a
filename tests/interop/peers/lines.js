// One line of JSON in, one line of JSON out: the settings first, then what is asked.
import './offline.js';
import {createInterface} from 'node:readline';

// `prepare` gets the settings and returns the function that answers each line.
export async function answer(prepare) {
  let once;
  for await (const line of createInterface({input: process.stdin})) {
    if (once) {
      process.stdout.write(JSON.stringify(await once(JSON.parse(line))) + '\n');
    } else {
      once = await prepare(JSON.parse(line));
    }
  }
}
