import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;

/// Runs an application whose own jars are not on the class path, so that the AOT cache of the run holds libraries only.
///
/// Arguments: the application's jars, separated as in a class path; its main class; its own arguments.
final class TrainingLauncher {
    private TrainingLauncher() {}

    public static void main(String[] arguments) throws Exception {
        String[] jars = arguments[0].split(File.pathSeparator);
        var urls = new URL[jars.length];
        for (int i = 0; i < jars.length; i++) {
            urls[i] = new File(jars[i]).toURI().toURL();
        }
        var application = new URLClassLoader(urls, ClassLoader.getSystemClassLoader());
        Thread.currentThread().setContextClassLoader(application);
        application
                .loadClass(arguments[1])
                .getMethod("main", String[].class)
                .invoke(null, (Object) Arrays.copyOfRange(arguments, 2, arguments.length));
    }
}
