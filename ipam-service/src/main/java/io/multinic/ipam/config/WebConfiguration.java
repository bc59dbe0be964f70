package io.multinic.ipam.config;

import io.multinic.ipam.rest.problem.ServerErrorHandler;
import io.multinic.ipam.rest.strict.JsonHandlerMapping;
import io.multinic.ipam.rest.strict.StrictParameters;
import io.multinic.ipam.rest.strict.TraceRejectingHandler;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// What every request must be like, whatever it asks for.
@Configuration(proxyBeanMethods = false)
class WebConfiguration {
    /// When a replica goes, its agents come to the others all at once.
    private static final int ARRIVALS = 1024;

    @Bean
    WebMvcConfigurer strictParameters() {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new StrictParameters()).addPathPatterns("/api/**");
            }
        };
    }

    @Bean
    WebMvcRegistrations mappings() {
        return new WebMvcRegistrations() {
            @Override
            public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
                return new JsonHandlerMapping();
            }
        };
    }

    @Bean
    WebServerFactoryCustomizer<JettyServletWebServerFactory> serverEdge() {
        return factory -> factory.addServerCustomizers(server -> {
            server.setErrorHandler(new ServerErrorHandler());
            server.setHandler(new TraceRejectingHandler(server.getHandler()));
            for (Connector connector : server.getConnectors()) {
                serveByAnyName(connector);
                ((ServerConnector) connector).setAcceptQueueSize(ARRIVALS);
            }
        });
    }

    /// The kubelet's probes come to the pod's address, which no certificate has. Who asks is not known by the name, and
    /// clients look at the certificate themselves.
    private static void serveByAnyName(Connector connector) {
        var http = connector.getConnectionFactory(HttpConnectionFactory.class);
        var secure = http.getHttpConfiguration().getCustomizer(SecureRequestCustomizer.class);
        if (secure != null) {
            secure.setSniHostCheck(false);
        }
    }

    /// A certificate that has changed on disk is used from the next connection on: Spring Boot renews the bundle, but
    /// leaves Jetty with the old one.
    @Bean
    WebServerFactoryCustomizer<JettyServletWebServerFactory> renewedCertificates(SslBundles bundles) {
        return factory -> factory.addServerCustomizers(server -> server.getContainedBeans(
                        SslContextFactory.Server.class)
                .forEach(tls -> bundles.addBundleUpdateHandler(TlsDefaults.BUNDLE, bundle -> reload(tls, bundle))));
    }

    private static void reload(SslContextFactory.Server tls, SslBundle bundle) {
        try {
            tls.reload(factory -> factory.setSslContext(bundle.createSslContext()));
        } catch (Exception e) {
            throw new IllegalStateException("the renewed certificate cannot be used", e);
        }
    }
}
