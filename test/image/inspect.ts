// What must be true of the image whoever runs it: nothing in it but what Node and the bundle need,
// nothing that gives rights, and settings that a node can check before it starts a pod.
import packageJson from "../../package.json" with { type: "json" };
import type { ImageFile, UnpackedImage } from "./unpacked.ts";

const SET_ID_BITS = 0o6000;

/** Everything that an image may hold; whatever else comes in was not meant to. */
const EXPECTED: readonly RegExp[] = [
  /^\/usr\/local\/bin\/node$/,
  /^\/usr\/local\/LICENSE$/,
  /^\/poolwarden\/(poolwarden\.js|LICENSES\.txt|LICENSE)$/,
  /^(\/usr)?\/lib(64)?\/([\w-]+-linux-gnu\/)?(lib[\w+-]+|ld-linux[\w-]*)\.so[.\d]*$/,
  /^\/usr\/share\/doc\/[\w+.-]+\/copyright$/,
  /^\/var\/lib\/dpkg\/status\.d\/[\w+.-]+$/,
  /^\/etc\/(passwd|group|nsswitch\.conf|os-release)$/,
];

/** What is wrong with it, one line each. */
export function findFaults({ files, settings }: UnpackedImage): readonly string[] {
  const { version } = packageJson;
  const label = settings.labels["org.opencontainers.image.version"];
  return [
    ...files.filter(isUnexpected).map(({ path }) => `${path} is in it, and nobody said why`),
    ...files.filter(givesRights).map(({ path }) => `${path} gives its owner's rights`),
    ...(/^[1-9]\d*:[1-9]\d*$/.test(settings.user) ? [] : [`its user is "${settings.user}"`]),
    ...(label === version ? [] : [`it is labelled ${label ?? "nothing"}, not ${version}`]),
    ...(settings.command.join(" ") === "run" ? [] : ["without arguments it does not run"]),
  ];
}

function isUnexpected({ path }: ImageFile): boolean {
  return !EXPECTED.some((pattern) => pattern.test(path));
}

function givesRights({ mode }: ImageFile): boolean {
  return (mode & SET_ID_BITS) !== 0;
}
