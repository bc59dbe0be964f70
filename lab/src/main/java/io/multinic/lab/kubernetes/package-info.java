/// The embedded Kubernetes API: fabric8's CRUD server, with what kubectl needs beside it.
@NullMarked
package io.multinic.lab.kubernetes;

import org.jspecify.annotations.NullMarked;
