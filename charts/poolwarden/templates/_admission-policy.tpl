{{/* Generated from src by `make generate`; do not edit. */}}

{{- define "poolwarden.admissionPolicy" -}}
paramKind:
  apiVersion: poolwarden.dev/v1alpha1
  kind: PoolPolicy
failurePolicy: Ignore
reinvocationPolicy: IfNeeded
matchConstraints:
  resourceRules:
    - apiGroups:
        - ""
      apiVersions:
        - v1
      operations:
        - CREATE
      resources:
        - pods
      scope: Namespaced
matchConditions:
  - name: has-controller
    expression: has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller)
  - name: not-a-mirror
    expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)"
  - name: policy-enforces
    expression: "!has(params.metadata.deletionTimestamp) && has(params.spec) && (!has(params.spec.mode) || params.spec.mode == 'Enforce')"
  - name: policy-grants
    expression: "has(params.status) && has(params.status.delivery) && params.status.delivery == 'Admission' && has(params.status.grants) && has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller && (o.kind in ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] && !o.apiVersion.startsWith('apps/') ? '' : o.kind != 'ReplicaSet' ? o.kind + '/' + o.name : (has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '') != '' && o.name.endsWith((has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '')) ? 'Rollout/' + o.name.substring(0, o.name.size() - (has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '').size()) : (has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '') != '' && o.name.endsWith((has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '')) ? 'Deployment/' + o.name.substring(0, o.name.size() - (has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '').size()) : 'ReplicaSet/' + o.name) in params.status.grants)"
variables:
  - name: owner
    expression: object.metadata.ownerReferences.filter(o, has(o.controller) && o.controller)[0]
  - name: hash
    expression: "(has(object.metadata.labels) && 'pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['pod-template-hash'] : '')"
  - name: rolloutHash
    expression: "(has(object.metadata.labels) && 'rollouts-pod-template-hash' in object.metadata.labels ? '-' + object.metadata.labels['rollouts-pod-template-hash'] : '')"
  - name: workload
    expression: "variables.owner.kind in ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] && !variables.owner.apiVersion.startsWith('apps/') ? '' : variables.owner.kind != 'ReplicaSet' ? variables.owner.kind + '/' + variables.owner.name : variables.rolloutHash != '' && variables.owner.name.endsWith(variables.rolloutHash) ? 'Rollout/' + variables.owner.name.substring(0, variables.owner.name.size() - variables.rolloutHash.size()) : variables.hash != '' && variables.owner.name.endsWith(variables.hash) ? 'Deployment/' + variables.owner.name.substring(0, variables.owner.name.size() - variables.hash.size()) : 'ReplicaSet/' + variables.owner.name"
  - name: granted
    expression: variables.workload in params.status.grants
  - name: grant
    expression: params.status.grants[variables.workload]
  - name: specNames
    expression: "has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.env)).map(w, ['maxSize', 'minSize', 'initialSize', 'overflow'].map(n, n in dyn(w.env) ? dyn(w.env)[n] : '')) : []"
  - name: knownNames
    expression: "['DB_POOL_MIN_SIZE', 'DB_POOL_MAX_SIZE', 'SPRING_DATASOURCE_HIKARI_MINIMUMIDLE', 'SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE', 'SPRING_DATASOURCE_TOMCAT_MINIDLE', 'SPRING_DATASOURCE_TOMCAT_MAXACTIVE', 'SPRING_DATASOURCE_TOMCAT_MAXIDLE', 'SPRING_DATASOURCE_DBCP2_MINIDLE', 'SPRING_DATASOURCE_DBCP2_MAXTOTAL', 'SPRING_DATASOURCE_DBCP2_MAXIDLE', 'DB_ENV', 'DB_POOL_COMMAND_TIMEOUT', 'DB_POOL_MAX_QUERIES', 'DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME']"
  - name: settingWords
    expression: "['DB_ENV=production', 'DB_ENV=development', 'DB_ENV=test']"
  - name: safeNames
    expression: variables.grant.env.all(e, e.name in variables.knownNames || variables.specNames.exists(names, e.name in names) && e.name.matches(r'^[A-Za-z_][A-Za-z0-9_]*$') && e.name.matches(r'(?i)(pool|conns(_|$)|conn_?(size|max|min|idle|limit)|(max|min|size|idle|limit)_?conn(_|$)|connections(_|$)|max_?overflow|(^|_)(workers|threads|processes|concurrency)(_|$)|(worker|thread)_(count|num)|conns?(_|$)|((^|_)(DB|SQL|PG)(_.*)?|(DATABASE|DATASOURCE|JDBC|MYSQL|POSTGRES|SQLALCHEMY|HIKARI|DBCP|THREADS|WORKERS).*)(size|max|idle|limit|overflow|(^|_)min(_|$|imum))|(size|max|idle|limit|overflow|(^|_)min(_|$|imum))((.*_)?(DB|SQL|PG)(_|$)|.*(DATABASE|DATASOURCE|JDBC|MYSQL|POSTGRES|SQLALCHEMY|HIKARI|DBCP|THREADS|WORKERS)))') && !(e.name.matches(r'(?i)^(PATH|HOME|SHELL|USER|LOGNAME|PWD|OLDPWD|IFS|ENV|CDPATH|GLOBIGNORE|SHELLOPTS|PROMPT_COMMAND|EDITOR|VISUAL|PAGER|LESSOPEN|LESSCLOSE|TMPDIR|TMP|TEMP|HOSTNAME|CLASSPATH|_JAVA_OPTIONS|VIRTUAL_ENV|PHPRC|PHP_INI_SCAN_DIR|GOMAXPROCS|GOMEMLIMIT|GOGC|GODEBUG|GOTRACEBACK|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|GETCONF_DIR|TZDIR|PGHOST|PGHOSTADDR|PGPORT|PGDATABASE|PGUSER|PGPASSWORD|PGPASSFILE|PGSERVICE|PGSERVICEFILE|PGOPTIONS|PGSYSCONFDIR|PGCONNECT_TIMEOUT|PGTARGETSESSIONATTRS|PGMINPROTOCOLVERSION|PGMAXPROTOCOLVERSION|PGREQUIREAUTH|PGCHANNELBINDING|LD_.*|DYLD_.*|GLIBC_.*|MALLOC_.*|BASH_.*|BASHOPTS.*|LC_.*|XDG_.*|SUDO_.*|JAVA_TOOL.*|JDK_.*|NODE_.*|NPM_.*|YARN_.*|UV_.*|DENO_.*|BUN_.*|PYTHON.*|PIP_.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|LUA_.*|RUST_.*|CARGO_.*|DOTNET_.*|COMPLUS_.*|CORECLR_.*|ASPNETCORE_.*|MONO_.*|UWSGI_.*|SSL_.*|OPENSSL_.*|CURL_.*|GIT_.*|SSH_.*|GPG_.*|PGSSL.*|PGGSS.*|PGKRB.*|KUBERNETES_.*|KUBE_.*|DOCKER_.*|AWS_.*|AZURE_.*|GOOGLE_.*|VAULT_.*|OTEL_.*|OMP_.*|MKL_.*|OPENBLAS_.*|BLIS_.*|VECLIB_.*|NUMEXPR_.*|AIRFLOW_CONN_.*|.*_PROXY|.*_OPTS|.*_OPTIONS|.*_FLAGS|.*_ARGS|.*_PATH|.*_HOME|.*_PRELOAD|.*_COMMAND|.*_FILE|.*_DIR|.*_URL|.*_URI|.*_DSN|.*_STRING|.*_HOST|.*_PORT|.*_USER|.*_PASSWORD|.*_SECRET|.*_TOKEN|.*_KEY|.*_CERT|.*_PASS|.*_PASSWD|.*_PW|.*_LICENSE|.*_ID|.*_NAME|.*_TYPE|.*_MODE|.*_SSLMODE|.*_VERSION|.*_ENABLED|.*_DISABLED|.*_LENGTH|.*_AGE|.*_ATTEMPTS|.*_RETRIES|.*CONNSTR.*|.*CONN_STR.*|.*CONNECTIONSTR.*|.*CONNECTION_STR.*)$') || e.name.matches(r'(?i)(^|_)(PASSWORD|PASSWD|LOGIN|LOGINS|LOGOUT|LOCKOUT|AUTH|OAUTH|SESSION|SESSIONS|COOKIE|TOKEN|JWT|RSA|KEY|CERT|TLS|SSL|CIPHER|HASH|BCRYPT|SECURITY|SECRET|CSRF|CORS|RATE|UPLOAD|BODY|PROFILE|PROFILES)(_|$)') && !e.name.matches(r'(?i)(pool|conns(_|$)|conn_?(size|max|min|idle|limit)|(max|min|size|idle|limit)_?conn(_|$)|connections(_|$)|max_?overflow|(^|_)(workers|threads|processes|concurrency)(_|$)|(worker|thread)_(count|num))')))
  - name: safeValues
    expression: variables.grant.env.all(e, e.value.matches('^[0-9]{1,10}$') || e.name + '=' + e.value in variables.settingWords)
  - name: sized
    expression: variables.grant.poolSize > 0 && variables.grant.env.exists(e, e.value == string(variables.grant.poolSize))
  - name: ready
    expression: variables.granted && variables.safeNames && variables.safeValues && variables.sized
  - name: index
    expression: "variables.ready ? object.spec.containers.map(c, c.name).indexOf(variables.grant.container) : -1"
  - name: sidecar
    expression: "variables.ready && variables.index < 0 && has(object.spec.initContainers) ? object.spec.initContainers.map(c, has(c.restartPolicy) && c.restartPolicy == 'Always' ? c.name : '').indexOf(variables.grant.container) : -1"
  - name: present
    expression: "variables.index >= 0 ? (has(object.spec.containers[variables.index].env) ? dyn(object.spec.containers[variables.index].env) : dyn([])) : variables.sidecar >= 0 ? (has(object.spec.initContainers[variables.sidecar].env) ? dyn(object.spec.initContainers[variables.sidecar].env) : dyn([])) : dyn([])"
  - name: names
    expression: variables.grant.env.map(e, e.name)
  - name: numbers
    expression: "variables.ready ? variables.grant.env.filter(e, e.value.matches('^[0-9]+$')).map(e, e.name) : []"
  - name: references
    expression: variables.present.filter(o, !has(o.value) || o.value.matches(r'^[ \t\r\n]*([+-]?[0-9]+(\.[0-9]*)?)?[ \t\r\n]*$')).map(o, '$(' + o.name + ')')
  - name: replaced
    expression: variables.present.filter(e, e.name in variables.numbers)
  - name: writable
    expression: variables.replaced.size() <= 20 && variables.replaced.all(e, !has(e.value) || e.value.matches(r'^[ \t\r\n]*([+-]?[0-9]+(\.[0-9]*)?)?[ \t\r\n]*$') || e.value in variables.references)
  - name: path
    expression: "!variables.writable ? '' : variables.index >= 0 ? '/spec/containers/' + string(variables.index) + '/env' : variables.sidecar >= 0 ? '/spec/initContainers/' + string(variables.sidecar) + '/env' : ''"
  - name: kept
    expression: variables.present.filter(e, !(e.name in variables.names))
mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: "variables.path == '' ? [] : [JSONPatch{op: \"add\", path: variables.path, value: dyn(variables.grant.env.map(e, {\"name\": e.name, \"value\": e.value})) + dyn(variables.kept)}, has(object.metadata.annotations) ? JSONPatch{op: \"add\", path: \"/metadata/annotations/\" + jsonpatch.escapeKey(\"poolwarden.dev/pool-size\"), value: string(variables.grant.poolSize)} : JSONPatch{op: \"add\", path: \"/metadata/annotations\", value: dyn({\"poolwarden.dev/pool-size\": string(variables.grant.poolSize)})}]"
{{- end }}

{{- define "poolwarden.admissionPolicyBinding" -}}
policyName: poolwarden
paramRef:
  selector: {}
  parameterNotFoundAction: Allow
{{- end }}
