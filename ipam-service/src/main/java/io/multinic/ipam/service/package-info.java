/// Service layer: each operation is one transaction, retried as a whole. This package has what its subjects share.
@NullMarked
package io.multinic.ipam.service;

import org.jspecify.annotations.NullMarked;
