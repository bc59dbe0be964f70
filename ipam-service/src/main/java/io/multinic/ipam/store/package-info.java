/// Database access: transactions, conversion of column values, and records that several stores use.
@NullMarked
package io.multinic.ipam.store;

import org.jspecify.annotations.NullMarked;
