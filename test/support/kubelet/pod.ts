// As much of a Pod as somebody who runs it has to know.

export type EnvironmentEntry = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
};

/** A volume of the downward API, as far as it holds annotations. */
export type Volume = {
  readonly name: string;
  readonly downwardAPI?: {
    readonly items?: readonly {
      readonly path: string;
      readonly fieldRef?: { readonly fieldPath: string };
    }[];
  };
};

export type Container = {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvironmentEntry[];
};

export type Pod = {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly schedulingGates?: readonly { readonly name: string }[];
    readonly restartPolicy?: "Always" | "OnFailure" | "Never";
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
};

/** Path of the pod in the API, without a trailing slash. */
export function podPath({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function graceMs({ metadata }: Pod): number {
  return (metadata.deletionGracePeriodSeconds ?? 30) * 1000;
}
